/** `NEXT_PUBLIC_ORY_SDK_URL` is the app's own origin, where the pages look; `ORY_KRATOS_URL` is where the middleware sends. */
const config = {
  sdk: { url: process.env.NEXT_PUBLIC_ORY_SDK_URL },
  project: {
    name: 'next-ory',
    default_redirect_url: '/dashboard',
    default_locale: 'en',
    locale_behavior: 'force_default',
    login_ui_url: '/login',
    registration_ui_url: '/registration',
    recovery_ui_url: '/recovery',
    verification_ui_url: '/verification',
    settings_ui_url: '/settings',
    error_ui_url: '/error',
    registration_enabled: true,
    recovery_enabled: true,
    verification_enabled: true,
  },
};

export default config;
