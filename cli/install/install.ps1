# Installs the pi-opensync binary: irm <releases>/latest/download/install.ps1 | iex
#
#   $env:PI_OPENSYNC_VERSION   a release's tag such as v0.1.0; the latest unless set
#   $env:PI_OPENSYNC_BIN       the folder to install into
#   $env:PI_OPENSYNC_RELEASES  where the releases are
#
# It downloads one file and compares it with SHA256SUMS of the same release before it takes its place.
$ErrorActionPreference = "Stop"
$ProgressPreference = "SilentlyContinue"

function Install-PiOpensync {
  # The release replaces this by the address of its repository.
  $releases = if ($env:PI_OPENSYNC_RELEASES) { $env:PI_OPENSYNC_RELEASES } else { "@RELEASES@" }
  if ($releases -notmatch "^(https://|http://127\.0\.0\.1:)") {
    throw "This copy of the installer does not know where the releases are; set PI_OPENSYNC_RELEASES."
  }
  $version = $env:PI_OPENSYNC_VERSION
  $from = if ($version) { "$releases/download/$version" } else { "$releases/latest/download" }
  $bin = if ($env:PI_OPENSYNC_BIN) { $env:PI_OPENSYNC_BIN } else { Join-Path $env:LOCALAPPDATA "Programs\pi-opensync" }
  # Windows on ARM runs it, too.
  $file = "pi-opensync-windows-x64.exe"

  $scratch = Join-Path ([System.IO.Path]::GetTempPath()) ([System.IO.Path]::GetRandomFileName())
  New-Item -ItemType Directory $scratch | Out-Null
  try {
    $download = Join-Path $scratch $file
    $sums = Join-Path $scratch "SHA256SUMS"
    Write-Host "pi-opensync: Downloading $file"
    Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS" -OutFile $sums
    Invoke-WebRequest -UseBasicParsing "$from/$file" -OutFile $download
    $line = Get-Content $sums | Where-Object { $_.EndsWith("  $file") } | Select-Object -First 1
    if (-not $line) { throw "SHA256SUMS of the release does not name $file." }
    $wanted = $line.Split(" ")[0]
    $actual = (Get-FileHash -Algorithm SHA256 $download).Hash
    if ($actual -ne $wanted) {
      throw "What was downloaded is not what the release holds; nothing was installed."
    }
    New-Item -ItemType Directory -Force $bin | Out-Null
    $program = Join-Path $bin "pi-opensync.exe"
    Move-Item -Force $download $program
    Write-Host "pi-opensync: Installed $(& $program --version) as $program"
    $path = [Environment]::GetEnvironmentVariable("Path", "User")
    if (($path -split ";") -notcontains $bin) {
      [Environment]::SetEnvironmentVariable("Path", "$bin;$path", "User")
      Write-Host "pi-opensync: $bin is on your PATH from the next terminal on. Then run: pi-opensync setup"
    } else {
      Write-Host "pi-opensync: Next: pi-opensync setup"
    }
  } finally {
    Remove-Item -Recurse -Force $scratch
  }
}

Install-PiOpensync
