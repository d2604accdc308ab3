// What Material's search does not do by itself.

var bookSearch = (() => {
  // What is typed goes to its worker in the worker's own notation: a word as it stands counts more than one that
  // begins with it. A short word, and what stands before a dot, as in F.relu and Layer.params, only counts as it
  // stands, and less. In Korean the spaces within a term may be left out.
  const SHORT = 3
  const EXACT = 4
  const QUERY = 2 // the worker's number for a message that asks

  function weighed(query) {
    if (!/^[\p{L}\p{N}\s_.,()'-]*$/u.test(query)) return query // the reader knows the notation
    const words = wordsOf(query)
    if (/\p{Script=Hangul}/u.test(query)) return [...new Set([words.join(""), ...words])].join(" ")
    const last = words.length - 1
    const owners = new Set(query.match(/[^\s.,()-]+(?=\.)/g))
    const isMinor = (word, place) => place < last && (word.length <= SHORT || owners.has(word))
    return words.map((word, place) => (isMinor(word, place) ? `${word}^1` : `${word}^${EXACT} ${word}`)).join(" ")
  }

  function wordsOf(text) {
    return text.split(/[\s.,:;()-]+/).filter(word => word)
  }

  const post = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (message, ...more) {
    const asks = message && message.type === QUERY
    return post.call(this, asks ? { ...message, data: weighed(message.data) } : message, ...more)
  }

  // A query that finds nothing may be a slip: the nearest words in the titles are offered.
  const FAR = 2 // slips in one word

  function distance(a, b) {
    const rows = [[...Array(b.length + 1).keys()]]
    for (let i = 1; i <= a.length; i++) {
      rows[i] = [i]
      for (let j = 1; j <= b.length; j++) {
        const same = a[i - 1] === b[j - 1]
        rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + !same)
        const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1)
      }
    }
    return rows[a.length][b.length]
  }

  function nearest(query, known) {
    const meant = wordsOf(query.toLowerCase()).map(word => {
      const far = Math.min(FAR, word.length / 3) // of a short word, fewer
      const near = known.map(other => [distance(word, other), other]).filter(([slips]) => slips <= far)
      return near.sort(([a], [b]) => a - b)[0]?.[1]
    })
    return meant.every(word => word) ? meant.join(" ") : ""
  }

  function suggesting() {
    const input = document.querySelector("[data-md-component=search-query]")
    const found = document.querySelector("[data-md-component=search-result]")
    const { base, translations } = JSON.parse(document.getElementById("__config").textContent)
    const offer = document.createElement("p")
    offer.className = "search-offer"
    offer.setAttribute("role", "status")
    found.prepend(offer)
    let known
    const titles = async () => {
      const address = new URL("search/search_index.json", new URL(`${base}/`, location))
      const index = window.__index ?? (await (await fetch(address)).json()) // from a folder, it is here already
      const titles = index.docs.map(entry => entry.title.replace(/<[^>]*>/g, "").toLowerCase())
      return [...new Set(titles.flatMap(wordsOf))].filter(word => word.length > SHORT)
    }
    const offering = async () => {
      const missed = found.querySelector(".md-search-result__meta").textContent === translations["search.result.none"]
      const query = missed ? input.value : ""
      const meant = query && nearest(query, await (known ??= titles().catch(() => [])))
      if (offer.dataset.query === query || (query && query !== input.value)) return
      offer.dataset.query = query
      offer.textContent = meant ? "Did you mean " : ""
      if (!meant) return
      const button = offer.appendChild(document.createElement("button"))
      button.type = "button"
      button.textContent = meant
      button.onclick = () => {
        input.value = meant
        input.focus()
        input.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }))
      }
      offer.append("?")
    }
    new MutationObserver(offering).observe(found, { childList: true, subtree: true, characterData: true })
  }

  if (document.querySelector("[data-md-component=search-result]")) suggesting()

  return { wordsOf, nearest }
})()
