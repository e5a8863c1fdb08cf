/** Why something about a held agent failed: a kebab-case code, and what a person reads. */
export type HeldFailure = { readonly code: string; readonly message: string; readonly fix?: string };
