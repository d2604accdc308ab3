/* The search of a page that was opened from a folder: browsers start no worker there, a hidden frame does its work. */
window.Worker = window.IFrameWorker = class extends EventTarget {
  constructor(address) {
    super();
    this.frame = Object.assign(document.createElement("iframe"), { hidden: true });
    this.ready = new Promise((loaded) => { this.frame.onload = loaded; }).then(() => {
      const inner = this.frame.contentWindow;
      inner.importScripts = (...addresses) => Promise.all(addresses.map((one) => this.load(one)));
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      return this.load(address);
    });
    document.body.append(this.frame);
  }

  load(address) {
    const page = this.frame.contentDocument;
    const script = Object.assign(page.createElement("script"), { async: false, src: address });
    return new Promise((onload, onerror) => page.body.append(Object.assign(script, { onload, onerror })));
  }

  postMessage(data) {
    this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
  }

  terminate() {
    this.frame.remove();
  }
};
