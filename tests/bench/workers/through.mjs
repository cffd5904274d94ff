// A Worker that passes everything on to the app.
export default { fetch: (request, env) => env.APP.fetch(request) };
