/** The command, as arguments, that restarts the service with this label. It needs root. */
export const restartCommand = (platform: "linux" | "darwin", label: string): readonly string[] =>
  platform === "darwin"
    ? ["launchctl", "kickstart", "-k", `system/${label}`]
    : ["systemctl", "restart", label];

/** True if a text is a launchd label or a systemd unit that is safe in a command. */
export const isServiceLabel = (label: string): boolean => /^[A-Za-z0-9][A-Za-z0-9@._:-]{0,254}$/.test(label);
