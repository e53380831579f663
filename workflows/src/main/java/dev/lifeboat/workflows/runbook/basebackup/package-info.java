@NullMarked
package dev.lifeboat.workflows.runbook.basebackup;

import org.jspecify.annotations.NullMarked;
