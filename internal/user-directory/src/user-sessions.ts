/**
 * What a reload of users.yaml requests for the sessions of users. A user is `telegram:N`. Each call resolves
 * once the request is recorded, and does not wait for a turn. A repeated request has no further effect.
 */
export type UserSessions = {
  /**
   * The user's next message begins a session with the current settings. A session with a running turn ends
   * after that turn.
   */
  endSessions(userId: string, when: "after-turn"): Promise<void>;
  /**
   * Ends the user's sessions at once, even within a turn, and takes no messages from them until they are
   * admitted.
   */
  refuse(userId: string): Promise<void>;
  /** Takes the user's messages again. A user who was never refused is already admitted. */
  admit(userId: string): Promise<void>;
};

/** The same, with the operations of a channel: a message begins a turn, an answer ends it. */
export type RecordedSessions = UserSessions & {
  /** The number of the session that gets the message; null if the user is refused. */
  beginTurn(userId: string): number | null;
  endTurn(userId: string): void;
  /** The number of the user's open session; null if there is none. */
  sessionOf(userId: string): number | null;
};

type Session = { readonly number: number; isInTurn: boolean; endsAfterTurn: boolean };

/** Keeps the requests in memory, as long as no real sessions exist behind it. */
export const recordedSessions = (): RecordedSessions => {
  const open = new Map<string, Session>();
  const refused = new Set<string>();
  let begun = 0;
  const newSession = (): Session => ({ number: (begun += 1), isInTurn: false, endsAfterTurn: false });
  return {
    endSessions: async (userId) => {
      const session = open.get(userId);
      if (session === undefined) return;
      if (session.isInTurn) session.endsAfterTurn = true;
      else open.delete(userId);
    },
    refuse: async (userId) => {
      refused.add(userId);
      open.delete(userId);
    },
    admit: async (userId) => void refused.delete(userId),
    beginTurn: (userId) => {
      if (refused.has(userId)) return null;
      const session = open.get(userId) ?? newSession();
      session.isInTurn = true;
      open.set(userId, session);
      return session.number;
    },
    endTurn: (userId) => {
      const session = open.get(userId);
      if (session === undefined) return;
      session.isInTurn = false;
      if (session.endsAfterTurn) open.delete(userId);
    },
    sessionOf: (userId) => open.get(userId)?.number ?? null,
  };
};
