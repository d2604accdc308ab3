// The copy button over the changed lines of a fragment gives the whole class: pasted alone, a block with
// `...` would replace it. Without this script the view "Whole" can be copied by hand.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-clipboard-target]")
  const views = button?.closest("p.fragment + .tabbed-set")
  const whole = views?.querySelector(".whole > pre[id] > code, .whole pre[id] code")
  if (whole && button.closest(".highlight.fragment"))
    button.dataset.clipboardTarget = `#${whole.closest("[id]").id} > code`
}, true)
