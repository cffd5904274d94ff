import type { EdgewardConfig, Options } from './shared.js';

export type { Code, EdgewardConfig, LogEvent, Options, Require } from './shared.js';

/** A request that goes on, or the response in its place. */
export type Decision<R extends Request = Request> =
  | { action: 'respond'; response: Response }
  | {
      action: 'continue';
      request: R;
      /** The request's fields as the app is to see them. */
      headers: Headers;
    };

/** What Next.js hands over beside the request. */
export interface FetchEvent {
  waitUntil(promise: Promise<unknown>): void;
}

export interface EdgewardMiddleware {
  (request: Request, event?: FetchEvent): Promise<Response>;
  /** The decision alone, to be composed with another middleware. */
  decide<R extends Request>(request: R, event?: FetchEvent): Promise<Decision<R>>;
  /** The decision carried out on another middleware's response: `next`, a rewrite or a redirect. */
  apply(decision: Decision, response?: Response): Response;
}

/** The default export of `middleware.ts` or `proxy.ts`. */
export function edgeward(config: EdgewardConfig, options?: Options): EdgewardMiddleware;
