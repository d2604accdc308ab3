// Material puts each copy button into a <nav> of its own, without a name. To a screen reader these are dozens of
// landmarks that cannot be told apart; without this script there are no such buttons.
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true })
mend()

function mend() {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "presentation")
}
