import type { User } from "@nc/user-wizard";

/** The id of the row of `users` for an entry of users.yaml. */
export const userIdOf = ({ telegram_id: id }: Pick<User, "telegram_id">): string => `telegram:${id}`;
