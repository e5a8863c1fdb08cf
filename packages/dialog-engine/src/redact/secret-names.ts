/**
 * Names of variables whose value is a secret. PASS and PAT match only as separate words, since BYPASS,
 * COMPASS and PATTERN name no secret. AUTHOR is a person's name (GIT_AUTHOR_NAME).
 */
const secretName =
  /KEY|TOKEN|SECRET|CREDENTIAL|AUTH(?!OR(?!I))|COOKIE|DSN|JWT|WEBHOOK|CONN(?:ECTION)?_?STR|PASSW|PASSPHRASE|PASSCODE|(?<!BY|COM|TRES|SUR)PASS(?![A-Z])|PWD|(?:^|_)PAT(?:$|_)/iu;

/** Variables in which shells keep folders. */
const folderName = /^(?:OLD)?PWD$/iu;

/** True if a variable of this name holds a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !folderName.test(name);

/**
 * A path of a file or folder. A key in base64 may begin with / too, but mostly contains + or =, and no dot.
 */
export const isPath = (value: string): boolean => /^(?:~|\.{1,2}|[A-Z]:)?[\\/][^+=]*$/iu.test(value);

/** Minimum length of a value, so that it can be told from a word. */
const shortest = 8;

const isLong = (value: string): boolean => value.length >= shortest;

/**
 * The secrets in an environment: values whose variable's name says so, and passwords in the addresses and
 * DSNs of all other variables. Only values long enough to be told from a word count. `PWD` and `OLDPWD` do
 * not count, nor do paths in a variable whose name ends in PWD.
 */
export const secretsIn = (env: Readonly<Record<string, string | undefined>>): string[] => {
  const found = Object.entries(env).flatMap(([name, value = ""]) => {
    const isFolder = folderName.test(name) || (/PWD$/iu.test(name) && isPath(value));
    return [...(isSecretName(name) && !isFolder ? [value] : []), ...passwordsIn(value)];
  });
  return [...new Set(found.filter(isLong))];
};

/** `scheme://user:password@`, `scheme://token@`, and the form of Go's MySQL driver, `user:password@tcp(`. */
const userinfo = /^(?:[a-z][a-z\d+.-]{0,30}:\/\/([^\s/?#@]{1,1024})@|([^\s/@]{1,1024})@(?:tcp|unix)?\()/iu;
/** `password=...` of libpq, ODBC and addresses. */
const assigned = /(?<![\w-])([A-Za-z_][\w-]{0,63})=["']?([^\s"'&;]{1,1024})/gu;

const passwordsIn = (value: string): readonly string[] => {
  const who = userinfo.exec(value);
  const login = who?.[1] ?? who?.[2] ?? "";
  const password = login.includes(":") ? login.slice(login.indexOf(":") + 1) : login;
  const named = [...value.slice(0, 4096).matchAll(assigned)].flatMap(([, name = "", text = ""]) =>
    isSecretName(`_${name}`) && !isPath(text) ? [text] : [],
  );
  return [password, unescaped(password), ...named];
};

/**
 * Decodes single-byte escapes: `%2F` to `/`. A password with other characters keeps its escapes. Both forms
 * are searched for.
 */
const unescaped = (text: string): string =>
  text.replace(/%([2-7][\da-f])/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
