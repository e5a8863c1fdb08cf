type Fields = Readonly<Record<string, unknown>>;

/** Converts the values of a legacy configuration whose form has changed. Returns other values unchanged. */
export const modern = (name: string, value: unknown, home: string): unknown => {
  if (name === "mcp_servers" && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, server]) => [key, modernServer(server)]));
  if (name === "additional_mounts" && Array.isArray(value))
    return value.map((mount) => modernMount(mount, home));
  return value;
};

const modernServer = (server: unknown): unknown => {
  if (!isObject(server)) return server;
  const said = Object.entries(server).filter(([, value]) => value !== null);
  const { type, env, headers, ...rest }: Fields = Object.fromEntries(said);
  return {
    ...rest,
    ...(type === undefined || repeatsKeys(type, rest) ? {} : { type }),
    ...(env === undefined ? {} : { env: withTexts(env) }),
    ...(headers === undefined ? {} : { headers: withTexts(headers) }),
  };
};

/** True if the type only repeats the keys: `stdio` with a command, `http` with an address. */
const repeatsKeys = (type: unknown, server: Fields): boolean =>
  "url" in server ? type === "http" || type === "streamable-http" : type === "stdio";

/** Converts numbers and booleans to text, as in a program's environment. */
const withTexts = (map: unknown): unknown =>
  isObject(map)
    ? Object.fromEntries(
        Object.entries(map).map(([name, value]) => [
          name,
          typeof value === "number" || typeof value === "boolean" ? String(value) : value,
        ]),
      )
    : map;

/** Without a container path, a mount is named after its folder. */
const modernMount = (mount: unknown, home: string): unknown => {
  if (!isObject(mount) || typeof mount["hostPath"] !== "string") return mount;
  const hostPath = mount["hostPath"].replace(/^~(?=\/|$)/, () => home);
  const containerPath = mount["containerPath"] || hostPath.replace(/\/+$/, "").split("/").at(-1);
  return { ...mount, hostPath, containerPath };
};

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
