/** What is read of a users.yaml. Beyond it the file is refused: nobody wrote it by hand. */
export const limits: { readonly fileBytes: number; readonly problems: number } = {
  /** UTF-8 bytes: about 40,000 users. */
  fileBytes: 8 * 1024 * 1024,
  /** Told of a broken file. */
  problems: 1_000,
};
