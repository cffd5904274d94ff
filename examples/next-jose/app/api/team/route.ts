import { team } from '../../../lib/dal';

export async function GET() {
  return Response.json(await team());
}
