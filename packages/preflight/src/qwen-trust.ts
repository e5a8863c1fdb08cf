const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** Whether a parsed settings.json has switched the trust dialog on; it is off by default (0.15.10, 0.24.4). */
export const asksForTrust = (settings: unknown): boolean =>
  field(field(field(settings, "security"), "folderTrust"), "enabled") === true;
