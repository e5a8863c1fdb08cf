import { hashOf, newSecret } from "./machine-rows.ts";

/** How long a code may be used, ms. */
export const codeMs = 600_000;

/** The invitations of one host. They end with it, and only hashes of their codes are kept. */
export type Invitations = {
  /** Makes a code, with which one machine becomes that of a group. An older code of the group ends. */
  readonly invite: (groupId: string) => string;
  /** Returns the group of a code; null if the code is wrong, was used, or is too old. */
  readonly groupOf: (code: string) => string | null;
  /** Ends the code of a group: it was used. */
  readonly end: (groupId: string) => void;
};

/** `now`: ms of one clock. */
export const invitations = (now: () => number): Invitations => {
  const open = new Map<string, { readonly hash: string; readonly until: number }>();
  return {
    invite: (groupId) => {
      const code = newSecret();
      open.set(groupId, { hash: hashOf(code), until: now() + codeMs });
      return code;
    },
    groupOf: (code) => {
      const hash = hashOf(code);
      const [groupId, found] = [...open].find(([, one]) => one.hash === hash) ?? [];
      return groupId !== undefined && found !== undefined && found.until > now() ? groupId : null;
    },
    end: (groupId) => void open.delete(groupId),
  };
};
