@NullMarked
package dev.lifeboat.workflows.domain;

import org.jspecify.annotations.NullMarked;
