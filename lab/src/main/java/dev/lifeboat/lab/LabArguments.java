package dev.lifeboat.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What was typed.
 *
 * @param command {@code demo}, {@code demo dumps}, {@code lab up}, {@code lab status} or {@code lab down}
 */
record LabArguments(String command, Path folder, EngineChoice engine) {

    static final class WrongUse extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongUse(String message) {
            super(message);
        }
    }

    static LabArguments parse(List<String> typed) {
        List<String> words = new ArrayList<>();
        Path folder = LabMain.defaultFolder();
        EngineChoice engine = EngineChoice.AUTO;
        Set<String> options = new HashSet<>();
        for (int i = 0; i < typed.size(); i++) {
            String word = typed.get(i);
            if (!word.startsWith("--")) {
                words.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String option = equals < 0 ? word : word.substring(0, equals);
            if (!List.of("--dir", "--engine").contains(option)) {
                throw new WrongUse("the lab does not know '" + option + "'");
            }
            if (equals < 0 && ++i == typed.size()) {
                throw new WrongUse(option + " was given without a value");
            }
            options.add(option);
            String value = equals < 0 ? typed.get(i) : word.substring(equals + 1);
            if (option.equals("--dir")) {
                folder = Path.of(value).toAbsolutePath().normalize();
            } else {
                engine = engine(value);
            }
        }
        String command = command(words);
        refuse(command, "demo", "--dir", options);
        refuse(command, "demo dumps", "--dir", options);
        refuse(command, "lab status", "--engine", options);
        refuse(command, "lab down", "--engine", options);
        return new LabArguments(command, folder, engine);
    }

    private static void refuse(String typed, String command, String option, Set<String> options) {
        if (typed.equals(command) && options.contains(option)) {
            throw new WrongUse("'lifeboat " + command + "' takes no " + option);
        }
    }

    private static String command(List<String> words) {
        String command = String.join(" ", words);
        return switch (command) {
            case "demo", "demo pitr" -> "demo";
            default -> command;
        };
    }

    private static EngineChoice engine(String value) {
        try {
            return EngineChoice.parse(value);
        } catch (IllegalArgumentException e) {
            throw new WrongUse("there is no engine '" + value + "'; there are auto, embedded and real");
        }
    }
}
