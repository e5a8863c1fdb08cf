/**
 * What a reload of users.yaml asks of the sessions of people. A user is `telegram:N`. Who is refused is in the
 * database by then, in `refused_people`, so no message of theirs begins another session.
 */
export type UserSessions = {
  /**
   * Ends the sessions in the direct chats of this person: for good and at once, or so that what comes after the
   * turn that runs has the current settings. Resolves once the request is recorded, and waits for no turn.
   */
  endSessions(userId: string, when: "after-turn" | "at-once"): Promise<void>;
};
