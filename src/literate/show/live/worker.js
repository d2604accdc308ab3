// Python in a worker of its own, so that the page stays alive whatever a reader runs. To each question it says
// what it waits for ("wait"), what is put out ("put"), and in the end a result ("done").
const FOLDER = new URL("../pyodide/", import.meta.url).href
const BOOK = "/book" // the package and what it reads, in the file system that Python sees here
const say = (kind, content) => postMessage({ kind, content })

async function fetched(name) {
  const answer = await fetch(new URL(name, import.meta.url))
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${answer.statusText}`)
  return answer
}

async function start(interrupt) {
  say("wait", "Loading Python, 9 MB the first time…")
  const tool = fetched("tool.zip").then((answer) => answer.arrayBuffer())
  const { loadPyodide } = await import(`${FOLDER}pyodide.mjs`)
  const python = await loadPyodide({ indexURL: FOLDER, env: { HOME: "/tmp", PYTHONHASHSEED: "0" } })
  if (interrupt) python.setInterruptBuffer(interrupt)
  python.unpackArchive(await tool, "zip", { extractDir: "/tool" })
  python.runPython("import sys; sys.path.append('/tool')")
  return python
}

async function open(name, started) {
  const data = await (await fetched(`${name}.json`)).json()
  const python = await started
  if (data.numpy) await python.loadPackage("numpy", { messageCallback() {} })
  await Promise.all(data.data.map(async (path) => {
    const content = await (await fetched(`${path}.bin`)).arrayBuffer()
    python.FS.mkdirTree(`${BOOK}/${path.replace(/\/[^/]*$/, "")}`)
    python.FS.writeFile(`${BOOK}/${path}`, new Uint8Array(content))
  }))
  const { LiveSession } = python.pyimport("literate.show.live_session")
  return LiveSession(python.toPy(data), (text) => say("put", text), BOOK)
}

let started // the interpreter
let opened = {} // the session that it is in

async function answered({ name, number, edits, answer, interrupt }) {
  const python = await (started ??= start(interrupt))
  if (opened.name !== name) {
    opened.session?.close()
    opened = { name, session: await open(name, started) }
  }
  say("wait", "Running…")
  const own = python.toPy(new Map(edits))
  const { session } = opened
  const result = answer === undefined ? session.run(own, number) : session.check(own, number, answer)
  return result.toJs({ dict_converter: Object.fromEntries })
}

addEventListener("message", async ({ data }) => {
  try {
    say("done", await answered(data))
  } catch (error) {
    say("done", { broken: String(error.message ?? error) })
  }
})
