// Which chapters this reader has read, and where they stopped: kept by this browser alone, in localStorage.
// Where that is blocked nothing is kept, and the pages are as they are without this script.
{
  const home = new URL(".", document.querySelector("a.md-logo").href)
  const key = `reading ${home.pathname}`
  const name = (url) => new URL(url).pathname.slice(home.pathname.length).replace(/index\.html$/, "")
  const here = name(location.href)

  const kept = () => {
    try { return { read: {}, ...JSON.parse(localStorage.getItem(key)) } } catch { return { read: {} } }
  }
  const keep = (change) => {
    try { localStorage.setItem(key, JSON.stringify({ ...kept(), ...change })) } catch { /* blocked */ }
  }
  const make = (tag, text, attributes = {}) =>
    Object.assign(document.createElement(tag), { textContent: text, ...attributes })

  const words = (element) => element?.textContent.replace("¶", "").replace(/\s+/g, " ").trim()
  const kicker = document.querySelector(".md-content .kicker") // stands over chapters, and over nothing else
  const title = document.querySelector(".md-content h1")
  const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link:not([href*='#'])")]
  const offers = [] // what shows where the reader stopped
  let box // of the end of a chapter

  const show = () => {
    const { read, stop } = kept()
    for (const link of links) link.classList.toggle("read", Boolean(read[name(link.href)]))
    if (box) box.querySelector("input").checked = Boolean(read[here])
    offers.splice(0).forEach((offer) => offer.remove())
    if (!stop || stop.page === here) return
    const said = stop.section === undefined ? "Next to read:" : "You stopped here:"
    const way = () => make("a", stop.title, { href: new URL(stop.page, home) + stop.anchor })
    const aside = make("p", said, { className: "stopped" })
    aside.append(way())
    document.querySelector(".md-sidebar--primary .md-sidebar__inner").append(aside)
    offers.push(aside)
    if (here) return
    const count = Object.values(read).filter(Boolean).length
    const offer = make("p", `${said} `, { className: "reading offer" })
    offer.append(way(), stop.section ? `, at “${stop.section}”. ` : ". ")
    if (count) offer.append(`You have read ${count === 1 ? "one chapter" : `${count} chapters`}. `)
    offer.append(forget())
    document.querySelector(".md-content__inner").append(offer)
    offers.push(offer)
  }

  const forget = () => {
    const button = make("button", "Forget everything", {
      type: "button",
      title: "Forget where I stopped and which chapters I have read",
    })
    button.addEventListener("click", () => {
      try { localStorage.removeItem(key) } catch { /* blocked */ }
      show()
    })
    return button
  }

  // The place: the last heading or fragment above the upper third of the window, once a screen has been read.
  const remember = () => {
    if (scrollY < innerHeight / 2) return
    const passed = [...document.querySelectorAll(".md-content :is(h2, h3, p.fragment)[id]")]
      .filter((place) => place.getBoundingClientRect().top < innerHeight / 3)
    const heading = passed.findLast((place) => place.matches("h2, h3"))
    const next = document.querySelector("a.md-footer__link--next")
    if (next && box.getBoundingClientRect().top < innerHeight)
      keep({ stop: { page: name(next.href), anchor: "", title: words(next.querySelector(".md-ellipsis")) } })
    else
      keep({ stop: {
        page: here,
        anchor: passed.length ? `#${passed.at(-1).id}` : "",
        title: `${words(kicker)} · ${words(title)}`,
        section: words(heading) ?? "",
      } })
  }

  if (kicker) {
    box = make("p", "", { className: "reading" })
    const label = make("label", "")
    const tick = make("input", "", { type: "checkbox" })
    tick.addEventListener("change", () => { keep({ read: { ...kept().read, [here]: tick.checked } }); show() })
    label.append(tick, " I have read this chapter.")
    box.append(label, " Only this browser knows. ", forget())
    document.querySelector(".md-content__inner").append(box)
    let wait
    addEventListener("scroll", () => { clearTimeout(wait); wait = setTimeout(remember, 250) }, { passive: true })
    new IntersectionObserver(([end]) => {
      const { read } = kept()
      if (!end.isIntersecting || scrollY === 0 || here in read) return
      keep({ read: { ...read, [here]: true } })
      show()
    }).observe(box)
  }
  show()

  // What the search found may lie in the answer below the heading that it leads to.
  if (new URLSearchParams(location.search).has("h"))
    addEventListener("load", () => document.querySelector(":target ~ details.answer")?.setAttribute("open", ""))

  // The parts in the sidebar fold: their labels are buttons for those who cannot see them, too.
  for (const label of document.querySelectorAll(".md-nav--primary label.md-nav__link[tabindex='0']")) {
    const toggle = document.getElementById(label.htmlFor)
    const button = label.querySelector(".md-ellipsis") // a label itself may not be one
    const say = () => button.setAttribute("aria-expanded", toggle.checked)
    label.removeAttribute("tabindex")
    button.setAttribute("role", "button")
    button.tabIndex = 0
    toggle.addEventListener("change", say)
    button.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") { event.preventDefault(); label.click() }
    })
    say()
  }
}
