// The app behind a service binding.
export default { fetch: () => new Response('ok') };
