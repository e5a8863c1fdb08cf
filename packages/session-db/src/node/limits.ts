/** The host reads no larger outbound.db, bytes: a container could otherwise keep a reader busy for ever. */
export const maxOutboundBytes: number = 512 * 2 ** 20;
