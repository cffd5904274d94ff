import Credentials from 'next-auth/providers/credentials';

const PEOPLE = { ann: 'user', root: 'admin' };

export const authOptions = {
  session: { strategy: 'jwt' },
  pages: { signIn: '/login' },
  providers: [
    Credentials({
      credentials: { name: {} },
      authorize: ({ name }) => (PEOPLE[name] ? { id: name, name, role: PEOPLE[name] } : null),
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => (user ? { ...token, role: user.role } : token),
  },
};
