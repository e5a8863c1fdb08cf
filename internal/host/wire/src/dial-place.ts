/**
 * The address at which agents dial their host: `unix:PATH` or `tls://HOST:PORT`, with the pin of its
 * certificate if one is needed.
 */
export type DialPlace = { readonly address: string; readonly pin: string | null };
