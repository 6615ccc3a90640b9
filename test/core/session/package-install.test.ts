import { expect, it } from 'vitest'
import { exampleSubject } from '#core/policy/subject.ts'
import { packageInstalls } from '#core/session/package-install.ts'

it.each([
  ['npm i -D left-pad@1 @scope/tool@^2', ['npm left-pad', 'npm @scope/tool']],
  ['npm --prefix app install zod', ['npm zod']],
  ['npm run install', []],
  ['npm install', []],
  ['yarn global add zx', ['npm zx']],
  ['pnpm --filter app add zod', ['npm zod']],
  ['pip3 install "requests[socks]>=2,<3" rich', ['pypi requests', 'pypi rich']],
  ['pip install -r requirements.txt', []],
  ['pip install --index-url https://a.example rich', ['pypi rich']],
  ['python3.12 -m pip install rich', ['pypi rich']],
  ['uv pip install rich', ['pypi rich']],
  ['uv tool install ruff', ['pypi ruff']],
  ['cargo add serde --features derive', ['cargo serde']],
  ['cargo install --path .', []],
  ['go install example.com/x/cmd@latest', ['go example.com/x/cmd']],
  ['go get ./...', []],
  ['gem install rake -v 1.0', ['gem rake']],
  ['composer global require a/b:1', ['composer a/b:1']],
  ['dotnet add app.csproj package Serilog', ['nuget Serilog']],
  ['sudo apt-get -y install jq curl', ['system jq', 'system curl']],
  ['apk add --no-cache git', ['system git']],
  ['npm install "$NAME"', ['npm null']],
  ['npm install "left-$X"', ['npm left-…']],
  ['npm i git+https://a.example/x.git', ['npm git+https://a.example/x.git']],
])('%s', (command, wanted) => {
  const { session } = exampleSubject({ title: 'x', commands: [command] })
  expect(packageInstalls(session).map(({ ecosystem, name }) => `${ecosystem} ${name}`)).toEqual(wanted)
})
