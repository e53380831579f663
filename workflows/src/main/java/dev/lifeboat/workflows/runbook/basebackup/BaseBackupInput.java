package dev.lifeboat.workflows.runbook.basebackup;

import dev.lifeboat.workflows.runbook.RunRequest;

public record BaseBackupInput(RunRequest request, String cluster) {}
