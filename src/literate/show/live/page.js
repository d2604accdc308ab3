// A Run button at each experiment, and room for an answer at each exercise that has a test. Nothing is loaded
// before the first click, and nothing from another host. What a reader types stays in this browser.
(() => {
  if (location.protocol === "file:") return // no browser runs a worker from there
  const home = new URL("./", document.currentScript.src)
  const cells = []

  // ---- what is kept -------------------------------------------------------------------------------------

  const kept = (action) => { try { return action(localStorage) } catch { return null } } // it may be forbidden
  const load = (key) => kept((all) => all.getItem(`literate-live ${key}`))
  const save = (key, text) => kept((all) => all.setItem(`literate-live ${key}`, text))
  const forget = (key) => kept((all) => all.removeItem(`literate-live ${key}`))

  // ---- Python, in a worker ------------------------------------------------------------------------------

  const interrupt = globalThis.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : undefined
  let worker
  let running // the cell that waits for a result

  function ask(cell, question) {
    if (!worker) {
      worker = new Worker(new URL("worker.js", home), { type: "module" })
      worker.onmessage = ({ data }) => running?.[data.kind](data.content)
      worker.onerror = (event) => running?.done({ broken: event.message || "there is no worker" })
    }
    interrupt?.fill(0)
    running = cell
    worker.postMessage({ interrupt, ...question })
  }

  function stop() {
    if (interrupt && running.isRunning) return interrupt.fill(2) // Ctrl-C
    end()
    running.done({ stopped: true })
  }

  function end() {
    worker?.terminate()
    worker = undefined
  }

  // ---- the parts of a page ------------------------------------------------------------------------------

  function make(tag, className, text = "", attributes = {}) {
    const made = document.createElement(tag)
    made.className = className
    made.textContent = text
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
    return made
  }

  function makeButton(text, label, action) {
    const made = make("button", "live-button", text, { type: "button", "aria-label": label })
    made.addEventListener("click", action)
    return made
  }

  function makeText(text, label, changed, run) {
    const area = make("textarea", "live-text", "", { "aria-label": label, autocapitalize: "off", wrap: "off" })
    const fit = () => { area.rows = Math.max(3, area.value.split("\n").length) }
    area.spellcheck = false
    area.value = text
    area.addEventListener("input", () => { fit(); changed(area.value) })
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return
      event.preventDefault()
      if (event.ctrlKey || event.metaKey) return run()
      const line = area.value.slice(0, area.selectionStart).split("\n").pop()
      const indent = line.match(/^ */)[0] + (/:\s*$/.test(line) ? "    " : "")
      area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end")
      area.dispatchEvent(new Event("input"))
    })
    fit()
    return area
  }

  // ---- a block that runs --------------------------------------------------------------------------------

  class Cell {
    constructor(block, mark, verb, what) {
      const [name, number] = mark.split(" ")
      Object.assign(this, { block, name, number: Number(number), key: mark, verb, what })
      this.button = makeButton(verb, `${verb}${what}`, () => (running === this ? stop() : this.run()))
      this.status = make("span", "live-status", "", { role: "status" })
      this.out = make("div", "live-out", "", { "aria-live": "polite" })
      this.bar = make("div", "live-bar")
      this.bar.append(this.button, this.status)
      this.place = make("div", "live")
      this.place.append(this.bar, this.out)
      block.append(this.place)
      cells.push(this)
    }

    run() {
      if (running) return
      this.text = ""
      this.out.replaceChildren()
      this.began = performance.now()
      this.turn("Stop")
      const own = cells.filter((cell) => cell.name === this.name && cell.edited !== undefined)
      const edits = own.map((cell) => [cell.number, cell.edited])
      ask(this, { name: this.name, number: this.number, edits, answer: this.answer })
    }

    turn(verb) {
      this.button.textContent = verb
      this.button.setAttribute("aria-label", `${verb}${this.what}`)
      for (const cell of cells) cell.button.disabled = verb === "Stop" && cell !== this
    }

    show(className, text) {
      const area = make("pre", className, "", { tabindex: 0 })
      this.out.append(area)
      return area.appendChild(make("code", "", text))
    }

    // What the worker says.

    wait(text) {
      this.isRunning = text.startsWith("Running")
      this.status.textContent = text
    }

    put(text) {
      this.shown ??= this.show("live-output", "")
      this.shown.append(text)
      this.text += text
    }

    done(result) {
      const seconds = `${((performance.now() - this.began) / 1000).toFixed(1)} s`
      running = this.shown = this.isRunning = undefined
      this.turn(this.verb)
      if (result.broken) end()
      if (result.picture) this.out.append(make("figure", "picture"))
      if (result.picture) this.out.lastChild.innerHTML = result.picture
      if (result.at !== undefined) this.out.append(make("p", "", `It came from experiment ${result.at + 1}, above:`))
      if (result.error) this.show("live-error", result.error.trimEnd())
      if (result.note) this.out.append(make("p", "", result.note))
      if (result.stopped) this.status.textContent = worker ? "Stopped." : "Stopped; the next run starts Python again."
      else if (result.broken) this.status.textContent = `Python did not start: ${result.broken}`
      else this.status.textContent = `${this.verdict(result)} ${seconds}`
    }
  }

  class Experiment extends Cell {
    constructor(block) {
      const mark = block.dataset.live
      super(block, mark, "Run", ` experiment ${Number(mark.split(" ")[1]) + 1}`)
      this.code = block.querySelector("pre")
      this.other = makeButton("Edit", `Edit${this.what}`, () => (this.area ? this.reset() : this.edit()))
      this.button.after(this.other)
      const before = load(this.key)
      if (before !== null) this.open(before)
    }

    async edit() {
      try {
        const session = await (await fetch(new URL(`${this.name}.json`, home))).json()
        this.open(session.steps[this.number].code)
        this.area.focus()
      } catch (error) {
        this.status.textContent = `The text did not come: ${error.message}`
      }
    }

    open(text) {
      const changed = (edited) => { save(this.key, edited); this.edited = edited }
      this.area = makeText(text, `Code of${this.what}; Ctrl and Enter run it`, changed, () => this.run())
      this.edited = text
      this.code.hidden = true
      this.place.before(this.area)
      this.turnOther("Reset")
    }

    reset() {
      forget(this.key)
      this.area.remove()
      this.area = this.edited = undefined
      this.code.hidden = false
      this.out.replaceChildren()
      this.status.textContent = ""
      this.turnOther("Edit")
    }

    turnOther(verb) {
      this.other.textContent = verb
      this.other.setAttribute("aria-label", `${verb}${this.what}`)
    }

    verdict({ error, picture, note }) {
      if (error) return "An error."
      if (picture || note) return "Done."
      const words = this.text.trim() ? "" : "No output."
      if (this.edited !== undefined) return words || "Done."
      const next = this.block.nextElementSibling
      const page = next?.classList.contains("output") ? next.querySelector("code").textContent : ""
      const plain = (text) => text.replace(/[ \t]+$/gm, "").trimEnd()
      if (plain(page) !== plain(this.text)) return "The page shows another output."
      return `${words} As on the page.`.trim()
    }
  }

  class Exercise extends Cell {
    constructor(block) {
      super(block, block.dataset.check, "Check my answer", "")
      const label = "Your answer; Ctrl and Enter check it"
      this.area = makeText(load(this.key) ?? "", label, (text) => save(this.key, text), () => this.run())
      this.area.placeholder = "# your answer; the test runs below it"
      this.place.prepend(this.area)
    }

    get answer() { return this.area.value }

    verdict({ error }) { return error ? "Not yet." : "Right: the test passes." }
  }

  for (const block of document.querySelectorAll("[data-live]")) new Experiment(block)
  for (const block of document.querySelectorAll("[data-check]")) new Exercise(block)
})()
