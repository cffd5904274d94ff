import { createLocalJWKSet, jwtVerify } from 'jose';

export default async ({ JWKS, ISSUER }) => {
  const keys = createLocalJWKSet(JSON.parse(JWKS));
  return (token) => jwtVerify(token, keys, { issuer: ISSUER, algorithms: ['ES256'] });
};
