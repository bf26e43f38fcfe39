/** Keyboard: `g` then a letter goes to a page, `/` focuses the search field or goes where one is, `?` lists the shortcuts. */
export class Shortcuts {
  #waiting = false;
  readonly #go: (letter: string) => void;
  readonly #help: () => void;
  readonly #search: () => void;

  constructor(actions: { go: (letter: string) => void; help: () => void; search: () => void }) {
    this.#go = actions.go;
    this.#search = actions.search;
    this.#help = actions.help;
  }

  handle = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
      return;
    if (this.#waiting) {
      this.#waiting = false;
      this.#go(event.key);
    } else if (event.key === 'g') {
      this.#waiting = true;
      setTimeout(() => (this.#waiting = false), 1500);
    } else if (event.key === '/') {
      const field = document.querySelector<HTMLElement>('[data-search]');
      event.preventDefault();
      if (field) field.focus();
      else this.#search();
    } else if (event.key === '?') this.#help();
  };
}
