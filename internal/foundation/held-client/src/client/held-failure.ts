/** Why an operation on a held agent failed: a kebab-case code, and texts for a person. */
export type HeldFailure = { readonly code: string; readonly message: string; readonly fix?: string };

/** `code` is a system code, or `not-a-file` for a named pipe or a device. */
export const unreadableFile = (
  file: string,
  code: string,
): { readonly ok: false; readonly error: HeldFailure } => ({
  ok: false,
  error: { code: "file-unreadable", message: `${file} cannot be read (${code}).` },
});
