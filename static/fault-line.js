// <fault-line src="raft/figure-8">: a run of Faultline in somebody's page. docs/embedding.md says what it takes and tells.

(() => {
  const home = new URL(".", document.currentScript.src);
  const options = ["start", "end", "loop", "speed", "controls", "locked", "view", "caption", "theme"];
  const style = new CSSStyleSheet();
  style.replaceSync(
    ":host{display:block;position:relative;aspect-ratio:16/10;max-height:600px;min-width:280px;min-height:180px}" +
      ":host([hidden]){display:none}button{all:unset;cursor:pointer}" +
      "button,img,iframe{position:absolute;inset:0;width:100%;height:100%;border:0}img{object-fit:contain}" +
      "@media print{iframe{display:none}}",
  );

  customElements.define(
    "fault-line",
    class extends HTMLElement {
      static observedAttributes = ["src", ...options];
      #frame;
      #near;
      #told = false;
      #waiting = [];
      #hear = ({ source, data }) => {
        if (source !== this.#frame?.contentWindow || data?.faultline !== 1) return;
        if (!this.#told) this.#waiting.splice(0).forEach((message) => this.#post(message));
        this.#told = true;
        // The reader has pressed Escape: keys are this page's again.
        if (data.is === "left") this.#frame.blur();
        this.dispatchEvent(new CustomEvent(data.is, { detail: data }));
      };

      /** The run as a link, without `#/` in front. */
      get #run() {
        return (this.getAttribute("src") ?? "").replace(/^#?\/?/, "");
      }

      /** The address of the frame. */
      get #address() {
        const given = options.filter((name) => this.hasAttribute(name)).map((name) => [name, this.getAttribute(name)]);
        return `${home}?${new URLSearchParams([["embed", ""], ...given])}#/${this.#run}`;
      }

      connectedCallback() {
        if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
        const picture = this.getAttribute("poster") ?? `${home}pictures/runs/${this.#run.split("?")[0]}-{build}.svg`;
        const poster = Object.assign(new Image(), { src: picture, alt: this.title || this.#run, loading: "lazy" });
        poster.onerror = () => (poster.hidden = true);
        const click = this.getAttribute("load") === "click";
        const holder = Object.assign(document.createElement(click ? "button" : "div"), { title: click ? "Play" : "" });
        holder.append(poster);
        this.shadowRoot.replaceChildren(holder);
        addEventListener("message", this.#hear);
        if (click) return void (holder.onclick = () => this.#load());
        // One screen before it comes into sight.
        this.#near = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#load(), { rootMargin: "100%" });
        this.#near.observe(this);
      }

      disconnectedCallback() {
        removeEventListener("message", this.#hear);
        this.#near?.disconnect();
        this.#forget();
      }

      attributeChangedCallback() {
        if (!this.#frame) return;
        // Another part behind `#` alone would load nothing.
        this.#forget();
        this.#load();
      }

      #forget() {
        this.#frame?.remove();
        this.#frame = undefined;
        this.#told = false;
      }

      #load() {
        if (this.#frame) return;
        this.#near?.disconnect();
        const frame = document.createElement("iframe");
        if (this.hasAttribute("sandbox")) frame.sandbox = this.getAttribute("sandbox");
        Object.assign(frame, { src: this.#address, title: this.title || `Faultline: ${this.#run}`, allow: "fullscreen" });
        this.shadowRoot.append((this.#frame = frame));
      }

      #post(message) {
        this.#frame.contentWindow.postMessage(message, this.hasAttribute("sandbox") ? "*" : home.origin);
      }

      #ask(message) {
        this.#load();
        if (this.#told) this.#post({ faultline: 1, ...message });
        else this.#waiting.push({ faultline: 1, ...message });
      }

      play() {
        this.#ask({ do: "play" });
      }
      pause() {
        this.#ask({ do: "pause" });
      }
      /** To a time: microseconds, or "1.2s". */
      seek(time) {
        this.#ask({ do: "seek", time });
      }
      /** Does something to the run at the playhead, in the words of a scenario: "crash n1". */
      act(words) {
        this.#ask({ do: "act", words });
      }
    },
  );
})();
