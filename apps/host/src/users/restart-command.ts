/** What starts the host of a label anew, by its arguments. For root. */
export const restartCommand = (platform: "linux" | "darwin", label: string): readonly string[] =>
  platform === "darwin"
    ? ["launchctl", "kickstart", "-k", `system/${label}`]
    : ["systemctl", "restart", label];

/** A label of launchd or a unit of systemd, as it may stand in a command. */
export const isServiceLabel = (label: string): boolean => /^[A-Za-z0-9][A-Za-z0-9@._:-]{0,254}$/.test(label);
