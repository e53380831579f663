@NullMarked
package dev.lifeboat.workflows.runbook.dumprestore;

import org.jspecify.annotations.NullMarked;
