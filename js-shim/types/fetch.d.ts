import type { EdgewardConfig, Options as Shared } from './shared.js';

export type { Code, EdgewardConfig, LogEvent, Require } from './shared.js';

export interface Options extends Shared {
  /** The visitor's address, where the platform vouches for it; the identity server learns it. */
  clientAddress?: (request: { headers: Headers; url: string; method: string }) => string | undefined;
}

export interface Context {
  /** Keeps the process alive until a question beside the response is answered. */
  waitUntil?: (promise: Promise<unknown>) => void;
  /** A Worker's bindings: secrets by name, services. */
  env?: Record<string, unknown>;
}

/** A request that goes on, or the response in its place. */
export type Decision =
  | { action: 'respond'; response: Response }
  | {
      action: 'continue';
      /** The request as the app is to see it. */
      request: Request;
    };

export interface FetchGate {
  decide(request: Request, context?: Context): Promise<Decision>;
  /** The app's response with what the gate has to say about it. Once for each decision. */
  apply(decision: Decision, response: Response): Response;
  /** Both around the app. */
  fetch(request: Request, next: (request: Request) => Response | Promise<Response>, context?: Context): Promise<Response>;
}

/** A gate for hosts that speak `Request` and `Response`. */
export function createGate(config: EdgewardConfig, options?: Options): FetchGate;
