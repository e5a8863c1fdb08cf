/** Limits for reading a users.yaml. A larger file is refused, because no person wrote it by hand. */
export const limits: { readonly fileBytes: number; readonly problems: number } = {
  /** UTF-8 bytes: about 40,000 users. */
  fileBytes: 8 * 1024 * 1024,
  /** Maximum problems reported for one file. */
  problems: 1_000,
};
