import type { AttachmentError, AttachmentPlace } from "./attachment-place.ts";
import { findAttachment } from "./attachments.ts";

type Read =
  { readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly error: AttachmentError };

/** One attachment, read whole. */
export const readAttachment = async (
  place: AttachmentPlace,
  name: string,
  maxBytes: number,
): Promise<Read> => {
  const found = await findAttachment(place, name, maxBytes);
  if (!found.ok) return found;
  const chunks: number[] = [];
  for await (const chunk of found.value.content()) chunks.push(...chunk);
  return { ok: true, value: Uint8Array.from(chunks) };
};
