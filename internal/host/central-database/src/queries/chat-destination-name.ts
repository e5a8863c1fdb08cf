/** The parts of a chat from which the name of a destination is made. */
type Chat = { readonly id: string; readonly channel_type: string; readonly name: string | null };

/** `destinations add` takes names of 64 characters; this maximum leaves room for a number. */
const most = 58;

/**
 * The name under which an agent sends to a chat: `Family chat` is `family-chat`, and `family-chat-2` if the
 * agent uses that name already.
 */
export const chatDestinationName = (
  { id, channel_type, name }: Chat,
  isTaken: (name: string) => boolean,
): string => {
  const base = inDashes(name ?? "") || inDashes(`${channel_type}-${id.slice(0, 8)}`) || "chat";
  return freeName(base, isTaken);
};

/** The name under which an agent sends to the agent of another group. */
export const agentDestinationName = (name: string, isTaken: (name: string) => boolean): string =>
  freeName(inDashes(name) || "agent", isTaken);

const freeName = (base: string, isTaken: (name: string) => boolean): string => {
  let [found, number] = [base, 1];
  while (isTaken(found)) found = `${base}-${(number += 1)}`;
  return found;
};

/** The text in lower case and without accents. All characters but ASCII letters and digits become dashes. */
const inDashes = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, most)
    .replace(/^-|-$/g, "");
