/**
 * Ends sessions for a reload of users.yaml. A user is `telegram:N`. Removed users are in the table `refused_people`
 * before this is called, so none of their messages starts another session.
 */
export type UserSessions = {
  /**
   * Ends the sessions in the direct chats of this user: `at-once` for good, `after-turn` so that the next turn runs
   * with the current settings. Resolves once the request is recorded, and does not wait for the turn.
   */
  endSessions(userId: string, when: "after-turn" | "at-once"): Promise<void>;
  /** Called after a reload that changed users: their agents may have another provider or model. */
  refresh(): Promise<void>;
};
