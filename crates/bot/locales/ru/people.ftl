# Кому что можно, как становятся теми, кому можно, и что было сделано. Без разметки.

## Справка и меню

help-audit = /audit – кто что менял и в чём было отказано
help-admins = /admins – кому что можно, приглашения
menu-audit = Кто что менял и в чём было отказано
menu-admins = Кому что можно, приглашения

## Роли

role-for-kind = { $role } для { $kind }
forbidden = Вам это нельзя. Нужна роль: { $needed }; ваша: { $role }.
forbidden-kind = Вам это нельзя. Нужна роль для { $file }: { $needed }; ваша: { $role }.
role-given = Ваша роль теперь: { $role }. Её дал(а) { $by }. Что вам можно, покажет /help.
role-given-kind = Ваша роль для { $kind } теперь: { $role }. Её дал(а) { $by }. Что вам можно, покажет /help.
role-taken = Вашей роли больше нет, её снял(а) { $by }. Этот бот на вас больше не работает.
role-taken-kind = Вашей роли для { $kind } больше нет, её снял(а) { $by }. Что вам можно, покажет /help.

## Администраторы

admins-head = Кому что можно:
admins-line = • { $name }, номер { $id }: { $roles }
admins-fixed = задано настройками
admins-more = { $count ->
    [one] … и ещё { $count } человек.
    [few] … и ещё { $count } человека.
   *[many] … и ещё { $count } человек.
}
admins-how = Чтобы дать роль: /admins ID и viewer, admin, owner или none, а если только для одних настроек — их имя. Например: { $example }
invite-admin-button = Пригласить администратора
invite-viewer-button = Пригласить наблюдателя
remove-button = Убрать { $name }
remove-asks = Снять все роли, которые есть у { $name }, номер { $id }? С этого мгновения здесь ничего нельзя будет делать.
remove-confirm-button = Да, убрать
remove-keep-button = Нет
removed = ✅ У { $name } больше нет ролей.
remove-nobody = Снимать было нечего.
admins-set = ✅ { $name }, номер { $id }: { $roles }
invited = Приглашение; роль того, кто воспользуется им первым: { $role }. Действует один раз, до { $time }.

  { $link }

  Или в переписке с этим ботом: /pair { $code }
last-owner = { $name } — последний владелец и остаётся им: кто-то должен иметь право добавлять других.
fixed-admin = { $name } назначен(а) в настройках, и меняют это только они.

## Коды

paired = Добро пожаловать, { $name }! Кто вы здесь: { $roles }.
pair-usage = Отправьте полученный код так: /pair K7QF-9M2X
wrong-code = Такого кода нет, или он больше не действует. Попросите новый у того, кто его дал.
too-many-codes = В последнее время было слишком много неверных кодов. Попробуйте снова через { $count ->
    [one] { $count } минуту.
    [few] { $count } минуты.
   *[many] { $count } минут.
}

## Журнал действий

audit-head = Что сделано и в чём отказано, последнее первым:
audit-head-kind = Что сделано с { $file } и в чём отказано, последнее первым:
audit-none = Пока ничего не сделано и ни в чём не отказано.
audit-end = Более ранних записей нет.
audit-refused = отказано: { $reason }
audit-action = { $action ->
    [put] новая версия
    [rollback] возврат
    [propose] предложение
    [approve] одобрение
    [decline] отклонённое предложение
    [withdraw] отозванное предложение
    [adopt] принято изменённое вручную
    [restore] восстановлено после изменения вручную
    [cancel] отменённая загрузка
    [set] дана роль
    [remove] снята роль
    [declare] настройки объявлены
    [retire] настройки больше не объявлены
    [invite] приглашение
    [pair] использован код
    [run_hook] запуск после публикации
    [restore_store] хранилище восстановлено из резервной копии
    [changed_by_hand] изменено вручную
    [removed_by_hand] удалено вручную
    [change_file] файл на диске
    [proposals] предложения
    [press] кнопка
    [start] приветствие
    [get] чтение
    [history] история
    [diff] сравнение
    [audit] журнал действий
    [sign_in] вход
    [sign_out] выход
    [page] страница
    [list] список
    [record] записи
    [message] сообщение
   *[other] действие { $action }
}
audit-reason = { $reason ->
    [invalid] ошибки в файле
    [conflict] кто-то успел раньше
    [changed_by_hand] файл изменён вручную
    [forbidden] нельзя
    [approval_required] нужен второй администратор
    [own_proposal] предложил тот же человек
    [decided] уже решено
    [too_late] слишком поздно
    [cancelled] отменено
    [not_saved] не удалось сохранить
    [no_room] не хватило места на каждую
    [no_such_kind] нет таких настроек
    [no_such_version] нет такой версии
    [no_such_proposal] нет такого предложения
    [wrong_code] неверный код
    [too_many_codes] слишком много неверных кодов
    [last_owner] последний владелец
    [fixed] задано настройками
    [stranger] посторонний
    [private_only] просили в группе
    [document] неподходящий документ
    [request_reused] номер запроса уже использован для другого
    [from_elsewhere] отправлено с другого сайта
   *[other] причина: { $words }
}
audit-version = версия { $version }
audit-times = { $count ->
    [one] { $count } раз
    [few] { $count } раза
   *[many] { $count } раз
} с { $since }
