// Written by EDGEWARD_WRITE_DOCS=1 cargo test --test it gate::types. From what the reader of the document asks for.

/** A secret by reference: the name of a variable of the host. */
export interface Reference { env: string }

/** A JSON pointer (RFC 6901). */
export type Pointer = `/${string}`;

/** A whole number and a unit. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** A public key: as PEM, as JWK, or in a variable. */
export type Key = Reference | { pem: string } | { jwk: Record<string, unknown> };

type Scalar = string | number | boolean;

/** One condition on the session. */
export type Condition =
  | { role: string }
  | { claim: Pointer; equals: Scalar | Scalar[]; user_editable?: boolean }
  | { claim: Pointer; contains: Scalar; user_editable?: boolean };

/** Who may come in: everybody, everybody with the session opened, who has none, who has one, or who has one like this. */
export type Require = 'public' | 'optional' | 'guest' | 'session' | Requirement;

/** The config document: docs/config.md. */
export interface EdgewardConfig {
  public_origins: string | string[];
  preview_origins?: string | string[];
  origin?: Upstream;
  default: Require;
  signed_in?: string;
  sign_in?: string;
  router?: 'any' | 'case-sensitive';
  locales?: string | string[];
  session?: Session;
  kratos?: Kratos;
  assertion?: Assertion;
  identity?: Identity;
  debug?: Debug;
  routes?: Route[];
}

/** Where the app is, for a gate in front of it. */
export interface Upstream {
  url?: string;
  binding?: string;
  lock?: Reference;
}

/** Ory Kratos, tunnelled. */
export interface Kratos {
  url: string;
  mounts?: '/' | '/api/.ory' | ('/' | '/api/.ory')[];
  also_known_as?: string | string[];
  ui?: KratosUi;
  claims?: Pointer | Pointer[];
  fresh_within?: Duration;
  whoami_aal?: 'highest_available' | 'aal1';
  cookie?: string;
  expose?: ('sessions' | 'schemas')[];
  native?: boolean;
  cookie_domain?: string;
  network_token?: Reference;
  network?: boolean;
  forward_headers?: string | string[];
}

/** The app's pages of the flows. */
export interface KratosUi {
  login?: string;
  registration?: string;
  settings?: string;
  recovery?: string;
  verification?: string;
  error?: string;
}

/** A signed statement about the visitor, for the origin. */
export interface Assertion {
  key?: Reference;
  secret?: Reference;
  audience: string;
  claims?: Pointer | Pointer[];
}

/** Who may see traces. */
export interface Debug {
  secret: Reference;
}

/** Bare identity headers. */
export interface Identity {
  headers?: Record<`x-edgeward-${string}`, Pointer>;
}

/** A rule; the first match wins. */
export interface Route {
  path: string | string[];
  host?: string | string[];
  methods?: string | string[];
  require: Require;
  actions?: 'session' | 'public';
  cross_site?: boolean;
  on_unauthenticated?: 'auto' | 'redirect' | '401' | '404';
  on_no_second_factor?: 'settings' | '403';
  overrides?: boolean;
}

/** What the session must have. */
export interface Requirement {
  guest?: true;
  session?: true;
  any?: Condition[];
  all?: Condition[];
  aal?: 'aal1' | 'aal2' | 'aal3';
  max_age?: Duration;
  email_domain?: string | string[];
  fresh_within?: Duration;
  stale_for?: Duration;
  stale_if_error?: Duration;
}

/** Another format, opened and sealed anew. */
export type Accept = Format & {
  until: string;
  keep_old?: boolean;
};

/** The names of its cookies, in place of the library's. */
export interface WithCookie {
  cookie?: string | string[];
}

/** Sealed or signed by secrets. */
export interface WithSecrets {
  secrets: Reference | Reference[];
}

/** Signed by key pairs. */
export interface WithKeys {
  keys?: Key | Key[];
  jwks?: string;
}

/** The subject under a name of the app's own. */
export interface WithSubject {
  subject?: string;
}

/** The address under names of the app's own. */
export interface WithEmail {
  email?: string;
  email_verified?: string;
}

/** The login under names of the app's own. */
export interface WithLogin {
  session_id?: string;
  auth_time?: string;
}

/** What a token must be for, so that no other of the same secret is a session. */
export interface WithScope {
  issuer?: string | string[];
  jwt_audience?: string | string[];
  typ?: string;
  exclusive_secret?: boolean;
}

/** The gate's own format. */
export interface EdgewardFormat extends WithCookie, WithSecrets {
  format: 'edgeward';
}

/** jose 6.2.17 */
export interface JwtFormat extends WithCookie, WithKeys, WithSubject, WithEmail, WithLogin, WithScope {
  format: 'jwt';
  secrets?: Reference | Reference[];
  algorithm?: 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | ('HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA')[];
}

/** jose 6.2.17 */
export interface JweFormat extends WithCookie, WithSecrets, WithSubject, WithEmail, WithLogin, WithScope {
  format: 'jwe';
  enc?: 'A128GCM' | 'A192GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A192CBC-HS384' | 'A256CBC-HS512' | ('A128GCM' | 'A192GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A192CBC-HS384' | 'A256CBC-HS512')[];
  secret_encoding?: 'text' | 'base64' | 'base64url' | 'hex' | ('text' | 'base64' | 'base64url' | 'hex')[];
}

/** iron-session 9.0.1, 8.0.4 */
export interface IronSessionFormat extends WithCookie, WithSecrets, WithSubject, WithEmail, WithLogin {
  format: 'iron-session';
  password_ids?: string | string[];
}

/** next-auth 4.24.15 */
export interface NextauthV4Format extends WithCookie, WithSecrets, WithSubject, WithEmail {
  format: 'nextauth-v4';
}

/** @auth/core 0.41.3; the names read in next-auth 5.0.0-beta.32 */
export interface AuthjsFormat extends WithCookie, WithSecrets, WithSubject, WithEmail {
  format: 'authjs';
}

/** @auth0/nextjs-auth0 4.30.0 */
export interface Auth0Format extends WithCookie, WithSecrets {
  format: 'auth0';
  domain?: string;
}

/** @auth0/nextjs-auth0 3.8.0 */
export interface Auth0V3Format extends WithCookie, WithSecrets {
  format: 'auth0-v3';
}

/** @supabase/ssr 0.12.7 */
export interface SupabaseFormat extends WithCookie, WithKeys {
  format: 'supabase';
  secrets?: Reference | Reference[];
  url?: string;
  algorithm?: 'HS256' | 'RS256' | 'ES256' | ('HS256' | 'RS256' | 'ES256')[];
  issuer?: string | string[];
}

/** @clerk/backend 3.25.0 (run as 3.20.1) */
export interface ClerkFormat extends WithCookie, WithKeys {
  format: 'clerk';
  publishable_key?: string;
  authorized_parties?: string | string[];
  issuer?: string | string[];
}

/** better-auth 1.7.24 (run as 1.7.7) */
export interface BetterAuthFormat extends WithCookie, WithSecrets {
  format: 'better-auth';
  strategy?: 'compact' | 'jwt' | 'jwe' | ('compact' | 'jwt' | 'jwe')[];
  version?: string;
}

/** @workos-inc/node 11.0.0; the cookie read in @workos-inc/authkit-nextjs 4.3.2 */
export interface WorkosFormat extends WithCookie, WithSecrets, WithKeys {
  format: 'workos';
  client_id?: string;
  issuer?: string | string[];
}

/** aws-jwt-verify 5.2.1; the cookies read in @aws-amplify/adapter-nextjs 1.8.0 */
export interface CognitoFormat extends WithCookie, WithKeys {
  format: 'cognito';
  user_pool_id?: string;
  client_id?: string;
}

/** @kinde/jwt-validator 0.4.5; the cookies read in @kinde-oss/kinde-auth-nextjs 2.13.1 */
export interface KindeFormat extends WithCookie, WithKeys {
  format: 'kinde';
  issuer?: string;
  client_id?: string;
}

/** stytch 14.2.0 */
export interface StytchFormat extends WithCookie, WithKeys {
  format: 'stytch';
  project_id?: string;
  api_url?: string;
  b2b?: boolean;
}

/** jose 6.2.17, as it checks; the cookies read in @stackframe/stack 2.8.108 */
export interface StackFormat extends WithCookie, WithKeys {
  format: 'stack';
  project_id?: string;
  api_url?: string;
}

/** @descope/node-sdk 2.13.0; the cookie read in @descope/nextjs-sdk 0.15.71 */
export interface DescopeFormat extends WithCookie, WithKeys {
  format: 'descope';
  project_id?: string;
  base_url?: string;
  algorithm?: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | ('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA')[];
  jwt_audience?: string | string[];
}

/** @logto/node 3.1.11 */
export interface LogtoFormat extends WithCookie, WithSecrets {
  format: 'logto';
  app_id?: string;
  issuer?: string | string[];
}

/** Ory Kratos 1.3.1 */
export interface OryJwtFormat extends WithCookie, WithKeys, WithEmail {
  format: 'ory-jwt';
  issuer?: string | string[];
  algorithm?: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | ('RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA')[];
  jwt_audience?: string | string[];
}

/** Ory cookiex at kratos@b86338d */
export interface OryCookieFormat extends WithCookie, WithSecrets, WithSubject, WithEmail, WithLogin {
  format: 'ory-cookie';
  purpose?: string;
  max_age?: Duration;
}

export type Format =
  | EdgewardFormat
  | JwtFormat
  | JweFormat
  | IronSessionFormat
  | NextauthV4Format
  | AuthjsFormat
  | Auth0Format
  | Auth0V3Format
  | SupabaseFormat
  | ClerkFormat
  | BetterAuthFormat
  | WorkosFormat
  | CognitoFormat
  | KindeFormat
  | StytchFormat
  | StackFormat
  | DescopeFormat
  | LogtoFormat
  | OryJwtFormat
  | OryCookieFormat;

/** The session cookie, and what holds for it. */
export type Session = Format & {
  accept?: Accept[];
  write?: boolean;
  from?: 'cookie' | 'bearer' | ('cookie' | 'bearer')[];
  dev_cookie?: string;
  audience?: string;
  idle?: Duration;
  absolute?: Duration;
  user_editable?: boolean;
  roles?: Pointer;
  not_before?: string | Reference;
  to_origin?: 'cookie' | 'assertion' | 'none';
  to_client?: Pointer | Pointer[];
  logout?: string | string[];
};
