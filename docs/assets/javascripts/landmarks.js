// What Material leaves to be said to a screen reader, or reached by a keyboard.

// Each copy button stands in a <nav> of its own, without a name: dozens of landmarks that cannot be told apart.
function unmarkButtons() {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "presentation")
}

// A formula that is wider than the page can be scrolled, so the keyboard has to get there.
function reachFormulas() {
  for (const math of document.querySelectorAll("math"))
    if (math.scrollWidth > math.clientWidth && math.clientWidth) math.tabIndex = 0
    else math.removeAttribute("tabindex")
}

new MutationObserver(unmarkButtons).observe(document.body, { childList: true, subtree: true })
addEventListener("resize", reachFormulas)
unmarkButtons()
reachFormulas()
