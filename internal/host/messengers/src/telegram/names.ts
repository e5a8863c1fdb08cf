import type { Chat, MessageOrigin, User } from "@grammyjs/types";

/** The platform id of a chat or the id of a user. */
export const idOf = (id: number): string => `telegram:${id}`;

type Named = { readonly first_name: string; readonly last_name?: string | undefined };

export const fullName = ({ first_name, last_name }: Named): string =>
  [first_name, last_name ?? ""].join(" ").trim();

/** The name of a chat; for a chat with one person theirs. */
export const titleOf = ({ title, first_name, last_name, id }: Chat): string =>
  title ?? (first_name === undefined ? idOf(id) : fullName({ first_name, last_name }));

/** A sender, as people and as the host know them. */
export type Sender = { readonly sender: string; readonly userId: string | null };

export const senderOf = (user: User): Sender =>
  user.is_bot
    ? { sender: `${fullName(user)} (a bot)`, userId: null }
    : { sender: fullName(user), userId: idOf(user.id) };

/** The sender of a forwarded message, or of one in another chat. */
export const senderOfOrigin = (origin: MessageOrigin): Sender => {
  switch (origin.type) {
    case "user":
      return senderOf(origin.sender_user);
    case "hidden_user":
      return { sender: origin.sender_user_name, userId: null };
    case "chat":
      return signed(origin.sender_chat, origin.author_signature);
    case "channel":
      return signed(origin.chat, origin.author_signature);
    default:
      // A kind of origin that this version does not know.
      return { sender: "an unknown sender", userId: null };
  }
};

/** A chat that writes, and the person who signed for it. */
export const signed = (chat: Chat, signature: string | undefined): Sender => ({
  sender: signature === undefined ? titleOf(chat) : `${signature} of ${titleOf(chat)}`,
  userId: null,
});
