import type { Attachment } from "@gatehouse/channels";
import type { RemoteFile } from "./messenger.ts";
import { codeOf, fetchFrom } from "./proxied-fetch.ts";

/** Most time for the transfer of a file, ms. */
export const fileMs = 300_000;

/** Bytes of a file that the host takes. */
export const mostFile: number = 50 * 2 ** 20;

/** A platform that hands files over by their addresses. */
export type FileSource = {
  /** Its name as people write it. */
  readonly title: string;
  /** Its address. */
  readonly root: string;
  /** True for the name of a further host of it: no file is fetched elsewhere, since a request may have the bot's token. */
  readonly isHost: (hostname: string) => boolean;
  readonly request: Pick<RequestInit, "headers" | "redirect">;
  readonly signal: AbortSignal | undefined;
};

/** The note about a file that the agent does not get. `why` is a sentence. */
export const leftOut = (name: string, why: string): string => `[the file ${name} was left out: ${why}]`;

/** The files of a message. One that the host does not take is left out with a note; its text is not lost. */
export const filesAt = (
  files: readonly RemoteFile[],
  /** The address of a file; undefined if it is gone. */
  addressOf: (file: RemoteFile) => string | undefined,
  source: FileSource,
): { readonly attachments: readonly Attachment[]; readonly notes: readonly string[] } => {
  const attachments: Attachment[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const { name, size } = file;
    const leaveOut = (why: string): void => void notes.push(leftOut(name, why));
    const address = addressOf(file);
    if (address === undefined) leaveOut("it is no longer there.");
    else if (size === null) leaveOut(`${source.title} does not say how large it is.`);
    else if (size > mostFile) leaveOut(`it has more than ${mostFile / 2 ** 20} MB.`);
    else if (!isOf(source, address)) leaveOut(`it is not in ${source.title}.`);
    else attachments.push({ name, size, content: () => download(address, size, source) });
  }
  return { attachments, notes };
};

const isOf = ({ root, isHost }: FileSource, address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const { origin, protocol, hostname } = new URL(address);
  return origin === new URL(root).origin || (protocol === "https:" && isHost(hostname));
};

/** The bytes of a file. No error contains the address, which may have the bot's token. */
export const download = async function* (
  address: string,
  size: number,
  { title, request, signal }: Pick<FileSource, "title" | "request" | "signal">,
): AsyncGenerator<Uint8Array> {
  const refused = (why: string): Error => new Error(`${title} did not hand the file over (${why}).`);
  const response = await fetchFrom(address, {
    ...request,
    signal: AbortSignal.any([signal, AbortSignal.timeout(fileMs)].filter((one) => one !== undefined)),
  }).catch((error: unknown) => Promise.reject(refused(codeOf(error))));
  // Without the right to read files Slack answers with a page to sign in.
  const isPage =
    response.redirected && response.headers.get("content-type")?.startsWith("text/html") === true;
  if (!response.ok || response.body === null || isPage)
    throw refused(isPage ? "a page" : String(response.status));
  let bytes = 0;
  for await (const chunk of response.body) {
    const read = chunk as Uint8Array;
    bytes += read.length;
    if (bytes > size) throw new Error(`${title} handed over more than the file has.`);
    yield read;
  }
};
