//! Reasons in Russian, those of YAML included.

use yaml::{Fault, Place, Reading, SyntaxFault};

use super::{Found, Reason, Type};
use crate::Breach;

pub(super) fn sentence(reason: &Reason) -> String {
    match reason {
        Reason::Yaml(fault) => yaml_sentence(fault),
        Reason::WrongType { expected, found, quoted } => {
            let advice = if *quoted { "; уберите кавычки" } else { "" };
            let expected = alternatives(expected.iter().map(|kind| type_name(*kind)));
            format!("ожидается {expected}, а указано {}{advice}", shown(found))
        }
        Reason::Missing { key } => format!("не хватает ключа `{key}`"),
        Reason::UnknownKey { key, suggestion: Some(suggestion), .. } => {
            format!("неизвестный ключ `{key}`; возможно, имелся в виду `{suggestion}`?")
        }
        Reason::UnknownKey { key, known, .. } if known.is_empty() => {
            format!("неизвестный ключ `{key}`; здесь ключей не ожидается")
        }
        Reason::UnknownKey { key, known, .. } => format!("неизвестный ключ `{key}`; известны {}", quoted(known)),
        Reason::BadKey { key } => format!("ключ `{key}` не того вида, какого должны быть здесь ключи"),
        Reason::NotOneOf { allowed, found, suggestion } => {
            let question =
                suggestion.as_ref().map(|word| format!("; возможно, имелось в виду `{word}`?")).unwrap_or_default();
            let allowed = alternatives(allowed.iter().map(|word| format!("`{word}`")));
            format!("допускается {allowed}, а указано {}{question}", shown(found))
        }
        Reason::TooSmall { limit, inclusive: true, found } => {
            format!("должно быть не меньше {limit}, а указано {}", shown(found))
        }
        Reason::TooSmall { limit, found, .. } => format!("должно быть больше {limit}, а указано {}", shown(found)),
        Reason::TooLarge { limit, inclusive: true, found } => {
            format!("должно быть не больше {limit}, а указано {}", shown(found))
        }
        Reason::TooLarge { limit, found, .. } => format!("должно быть меньше {limit}, а указано {}", shown(found)),
        Reason::NotMultiple { of, found } => format!("должно быть кратно {of}, а указано {}", shown(found)),
        Reason::TooShort { limit: 1, .. } => "не должно быть пустым".to_owned(),
        Reason::TooShort { limit, found } => {
            format!("символов должно быть не меньше {limit}, а указано {}", shown(found))
        }
        Reason::TooLong { limit, length } => format!("символов должно быть не больше {limit}, а их {length}"),
        Reason::TooFewItems { limit: 1, count: 0 } => "список не должен быть пустым".to_owned(),
        Reason::TooFewItems { limit, count } => format!("элементов должно быть не меньше {limit}, а их {count}"),
        Reason::TooManyItems { limit, count } => format!("элементов должно быть не больше {limit}, а их {count}"),
        Reason::TooFewKeys { limit, count } => format!("ключей должно быть не меньше {limit}, а их {count}"),
        Reason::TooManyKeys { limit, count } => format!("ключей должно быть не больше {limit}, а их {count}"),
        Reason::WrongForm { example: Some(example), found, .. } => {
            format!("значение не того вида; ожидается, например, `{example}`, а указано {}", shown(found))
        }
        Reason::WrongForm { pattern, found, .. } => {
            format!("значение не подходит под шаблон `{pattern}`: указано {}", shown(found))
        }
        Reason::WrongFormat { format, found } => format!("значение не в формате {format}: указано {}", shown(found)),
        Reason::RepeatedItem { first } => format!("повторяет элемент {}", place(*first)),
        Reason::Lacks => "не хватает обязательного элемента".to_owned(),
        Reason::FitsNone => "не подходит ни под один из допустимых вариантов".to_owned(),
        Reason::FitsSeveral => "подходит сразу под несколько вариантов, а допустим только один".to_owned(),
        Reason::Forbidden => "здесь не допускается".to_owned(),
        Reason::Unchecked { detail } => format!("не удалось проверить: {detail}"),
        Reason::Breach(breach) => breach_sentence(breach),
        Reason::Schema(detail) => format!("схема этого вида файлов непригодна: {detail}"),
        Reason::More { count } => format!("… и ещё {count}"),
    }
}

fn breach_sentence(breach: &Breach) -> String {
    match breach {
        Breach::NotDecimal { found } => format!("ожидается обычное десятичное число, а указано `{found}`"),
        Breach::TooFine { places, found } => {
            format!("после точки допускается не больше {places} цифр, а указано {found}")
        }
        Breach::EmptyBracket { from, to } => {
            format!("диапазон кончается на {to}, а начинается с {from}; `to` должно быть больше")
        }
        Breach::NotFromZero { currency, from } => {
            format!("первый диапазон {currency} должен начинаться с 0, а не с {from}; для меньших сумм нет комиссии")
        }
        Breach::Overlap { currency, from, other_to: Some(to), other } => {
            format!("суммы {currency} от {from} входят и в диапазон {}, который кончается на {to}", place(*other))
        }
        Breach::Overlap { currency, from, other_to: None, other } => format!(
            "суммы {currency} от {from} входят и в диапазон {}, у которого нет `to`; без `to` может быть только последний",
            place(*other)
        ),
        Breach::Gap { currency, from, to, other } => format!(
            "для сумм {currency} от {from} до {to} нет комиссии: предыдущий диапазон {} кончается на {from}",
            place(*other)
        ),
        Breach::NotOpenEnded { currency, to } => {
            format!("у последнего диапазона {currency} не должно быть `to`; для сумм от {to} нет комиссии")
        }
        Breach::BaseAgain { currency } => format!("{currency} — основная валюта, курса к самой себе у неё нет"),
        Breach::RepeatedPair { currency, first } => format!("{currency} указана дважды; первый раз {}", place(*first)),
        Breach::NoRate => "нужен `rate` либо `bid` и `ask`".to_owned(),
        Breach::RateTwice => "указаны и `rate`, и `bid` с `ask`; оставьте что-то одно".to_owned(),
        Breach::Crossed { bid, ask } => format!("`bid` ({bid}) не должен быть выше `ask` ({ask})"),
        Breach::WideSpread { bid, ask } => {
            format!("`ask` ({ask}) больше `bid` ({bid}) более чем вдвое; нет ли опечатки?")
        }
    }
}

fn yaml_sentence(fault: &Fault) -> String {
    match fault {
        Fault::TooLarge { bytes, limit } => format!("файл слишком большой: {bytes} байт, допускается {limit}"),
        Fault::Utf16 => "файл в кодировке UTF-16; сохраните его в UTF-8".to_owned(),
        Fault::Utf32 => "файл в кодировке UTF-32; сохраните его в UTF-8".to_owned(),
        Fault::NotUtf8 { byte } => format!("байт 0x{byte:02X} — не UTF-8; сохраните файл в UTF-8"),
        Fault::Invisible { character } => {
            format!("невидимый символ U+{:04X} не допускается; удалите его", u32::from(*character))
        }
        Fault::Empty => "файл пуст".to_owned(),
        Fault::SeveralDocuments => "здесь начинается второй документ (`---`), а допускается только один".to_owned(),
        Fault::Directive => "строки, начинающиеся с `%`, не принимаются; удалите её".to_owned(),
        Fault::DuplicateKey { key, first } => format!("ключ `{key}` указан дважды; первый раз {}", place(*first)),
        Fault::TooDeep { limit } => format!("слишком глубокая вложенность; допускается не больше {limit} уровней"),
        Fault::TooManyNodes { limit } => format!("слишком много ключей и значений; допускается не больше {limit}"),
        Fault::AliasBomb { limit } => {
            format!("ссылки (`*имя`) вместе означают больше {limit} значений; запишите значения полностью")
        }
        Fault::EndlessAlias => "эта ссылка (`*имя`) — часть того значения, которое она означает".to_owned(),
        Fault::MergeKey => "слияние ключей (`<<`) не принимается; запишите ключи полностью".to_owned(),
        Fault::Tag { tag } => format!("теги (`{tag}`) не принимаются; удалите его"),
        Fault::KeyNotText { key } => format!("ключ `{key}` читается не как текст; возьмите его в кавычки"),
        Fault::KeyNotScalar => "ключом может быть только обычный текст".to_owned(),
        Fault::Misread { text, reading } => format!("`{text}` {}", reading_sentence(*reading)),
        Fault::Syntax(fault) => syntax_sentence(fault),
        Fault::Disagreement => {
            "программы читают это место по-разному; запишите его проще или возьмите в кавычки".to_owned()
        }
        other => other.to_string(),
    }
}

fn reading_sentence(reading: Reading) -> &'static str {
    match reading {
        Reading::Boolean => {
            "одни программы читают как «да» или «нет», другие — как текст; возьмите в кавычки или напишите true или false"
        }
        Reading::Octal => {
            "некоторые программы читают как восьмеричное число; уберите ноль в начале или возьмите в кавычки"
        }
        Reading::Binary => "одни программы читают как двоичное число, другие — как текст; возьмите в кавычки",
        Reading::Sexagesimal => {
            "одни программы читают как число в шестидесятеричной системе, другие — как текст; возьмите в кавычки"
        }
        Reading::Underscore => {
            "одни программы читают как число, другие — как текст; уберите подчёркивания или возьмите в кавычки"
        }
        Reading::Exponent => {
            "одни программы читают как число, другие — как текст; запишите число полностью или возьмите в кавычки"
        }
        Reading::Number => {
            "одни программы читают как число, другие — как текст; запишите число обычным образом или возьмите в кавычки"
        }
        Reading::Date => "одни программы читают как дату, другие — как текст; возьмите в кавычки",
        Reading::NotFinite => "— не обычное число; если это текст, возьмите его в кавычки",
        Reading::TooLarge => "— слишком большое число; если это текст, возьмите его в кавычки",
        Reading::Special => "имеет в некоторых программах особый смысл; возьмите в кавычки",
        _ => "программы читают по-разному; возьмите в кавычки",
    }
}

fn syntax_sentence(fault: &SyntaxFault) -> String {
    match fault {
        SyntaxFault::Tab => "табуляция здесь не допускается; используйте пробелы",
        SyntaxFault::Indentation => "строка не согласуется с предыдущими; проверьте отступ",
        SyntaxFault::Colon => {
            "здесь не ожидается `:`; проверьте отступ и незакрытые скобки выше или возьмите текст в кавычки"
        }
        SyntaxFault::ColonMissing => "после ключа не хватает `:`",
        SyntaxFault::UnclosedQuote => "кавычка не закрыта",
        SyntaxFault::AfterQuote => "после закрывающей кавычки есть ещё что-то; возьмите в кавычки весь текст",
        SyntaxFault::UnclosedSequence => "не хватает `,` или закрывающей `]`",
        SyntaxFault::UnclosedMapping => "не хватает `,` или закрывающей `}`",
        SyntaxFault::StrayBracket => "эта скобка ничего не закрывает",
        SyntaxFault::UnknownAlias => "эта ссылка (`*имя`) ничего не означает; выше нет `&имя`",
        SyntaxFault::Escape => {
            "неизвестное сочетание после обратной косой черты; используйте одинарные кавычки или удвойте черту"
        }
        SyntaxFault::ReservedCharacter => "значение не может начинаться с этого символа; возьмите его в кавычки",
        SyntaxFault::Other(detail) => return format!("это не YAML: {detail}"),
        other => return other.to_string(),
    }
    .to_owned()
}

fn place(place: Place) -> String {
    format!("в строке {}", place.line)
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Null => "пустое значение",
        Type::Boolean => "true или false",
        Type::Integer => "целое число",
        Type::Number => "число",
        Type::Text => "текст",
        Type::List => "список",
        Type::Mapping => "ключи со значениями",
    }
}

fn shown(found: &Found) -> String {
    match found {
        Found::Nothing => "пустое значение".to_owned(),
        Found::Boolean(value) => value.to_string(),
        Found::Number(number) => number.clone(),
        Found::Text(text) => format!("текст «{text}»"),
        Found::List => "список".to_owned(),
        Found::Mapping => "ключи со значениями".to_owned(),
    }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn alternatives(words: impl Iterator<Item = impl ToString>) -> String {
    let words: Vec<_> = words.map(|word| word.to_string()).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} или {last}", rest.join(", ")),
        None => "ничего".to_owned(),
    }
}
