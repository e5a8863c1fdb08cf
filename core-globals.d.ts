/**
 * The one thing beyond the language that a core may name: a caller's wish to stop. It comes in as an argument;
 * nothing here makes one. Only tsconfig.core.json includes this file: elsewhere Node's own types have it.
 */
interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
