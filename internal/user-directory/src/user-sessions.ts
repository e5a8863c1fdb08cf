/**
 * What a reload of users.yaml asks of the sessions of people. A person is `telegram:N`. Each call resolves once it is
 * noted, and waits for no turn; asked twice it is asked once.
 */
export type UserSessions = {
  /** Their next message begins a session with the settings of now. One whose turn is running ends with that turn. */
  endSessions(userId: string, when: "after-turn"): Promise<void>;
  /** Ends their sessions at once, also within a turn, and takes no message of theirs until they are admitted. */
  refuse(userId: string): Promise<void>;
  /** Takes their messages. Whoever was never refused is admitted already. */
  admit(userId: string): Promise<void>;
};

/** The same with what a channel does to it: a message begins a turn, an answer ends it. */
export type RecordedSessions = UserSessions & {
  /** The number of the session that the message goes to; null where nobody takes it. */
  beginTurn(userId: string): number | null;
  endTurn(userId: string): void;
  /** The number of their open session, if there is one. */
  sessionOf(userId: string): number | null;
};

type Session = { readonly number: number; isInTurn: boolean; endsAfterTurn: boolean };

/** Keeps in memory what was asked, for as long as no sessions are behind it. */
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
