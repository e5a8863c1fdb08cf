/**
 * What a core may name beyond the language. Only tsconfig.core.json includes this file: elsewhere Node's own
 * types have it.
 */

/** A caller's wish to stop. It comes in as an argument; nothing here makes one. */
interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** How clients read an address (https://url.spec.whatwg.org): a pure function, which every platform has. */
declare class URL {
  static canParse(url: string): boolean;
  constructor(url: string);
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly search: string;
  readonly hash: string;
}
