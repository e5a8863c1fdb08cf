/** The attacks of `attacker.ts`. */
export const attackKinds = ["half-open", "calls", "unread", "files"] as const;

export type AttackKind = (typeof attackKinds)[number];
