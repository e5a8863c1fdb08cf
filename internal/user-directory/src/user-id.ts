import type { User } from "@nc/user-wizard";

/** The row of `users` that an entry of users.yaml is. */
export const userIdOf = ({ telegram_id: id }: Pick<User, "telegram_id">): string => `telegram:${id}`;
